import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { importOrder } from './scripts/import-order.js';

/** Each of these imports only those before it, and itself. A new folder gets its place here; of two in one line, neither imports the other. */
const order = [
  'scripts', // set-up, of which the product uses a part
  'src', // the files beside the concepts
  // The concepts, as a pixel travels.
  'src/geometry',
  'src/slide',
  'src/tissue',
  'src/model',
  'src/nuclei',
  'src/table',
  'src/context',
  'src/features',
  'src/overlay',
  'src/picture',
  'src/cohort',
  'src/report',
  'src/evaluation',
  'src/view',
  'viewer', // the page: runs in a browser, so it imports only what knows nothing of Node
  // The rooms of the pipelines, each with what it is composed of before it, and the command line on top.
  'pipelines/engine',
  'pipelines/features',
  'pipelines/overlay',
  'pipelines/slide',
  'pipelines/field',
  'pipelines/export',
  'pipelines/cohort',
  'pipelines/evaluation',
  'pipelines/model',
  'pipelines/report',
  'pipelines/view',
  'pipelines/index.ts',
  ['pipelines/cli', 'examples'],
  'testkit',
  ['bench', 'test'],
];

export default tseslint.config(
  { ignores: ['dist', 'build', '.venv', '.cache', 'node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { hoverslide: { rules: { 'import-order': importOrder } } },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off', // generators over arrays, and methods of an async interface
      'hoverslide/import-order': ['error', order],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        require: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
  prettier,
);
