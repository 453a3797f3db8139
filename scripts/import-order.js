// An ESLint rule: imports run one way, along a list of folders and files from the first to the last.
import { dirname, join, relative } from 'node:path';
import { root } from './steps.js';

/** The place of a file: itself, its folder or one above; none in a new folder beside others that have a place. */
function placeOf(file, places) {
  for (let at = file; at !== '.'; at = dirname(at)) {
    if (!places.includes(at)) continue;
    const divided = places.some((place) => place.startsWith(`${at}/`));
    return divided && at !== dirname(file) ? undefined : at;
  }
  return undefined;
}

export const importOrder = {
  meta: { type: 'problem', schema: [{ type: 'array' }] },
  create(context) {
    const order = context.options[0].map((entry) => [entry].flat());
    const places = order.flat();
    const rank = (place) => order.findIndex((entry) => entry.includes(place));
    const file = relative(root, context.filename);
    const own = placeOf(file, places);

    function check({ source }) {
      if (own === undefined || typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const target = placeOf(join(dirname(file), source.value).replace(/\.js$/, '.ts'), places);
      if (target === own || (target !== undefined && rank(target) < rank(own))) return;
      const message = `${own} may not import ${target ?? source.value}: it does not come before it in the order of imports (eslint.config.js)`;
      context.report({ node: source, message });
    }

    return {
      Program(node) {
        const message = `${file} has no place in the order of imports: give its folder one in eslint.config.js`;
        if (own === undefined) context.report({ node, message });
      },
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
    };
  },
};
