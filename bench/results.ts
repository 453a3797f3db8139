import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { markdownTable } from 'markdown-table';
import { writeAtomically } from '../src/files.js';
import { ownedCores } from '../src/machine.js';
import type { BenchSection } from './section.js';

const head = `# Benchmarks

Written by \`npm run bench [name...]\`. Every section says what made it, where and when; figures within one section come
from one run, so that they can be compared. Where no model is named it is the one that is used unless another is named: hoverslide-b0
up to 2026-11-25, hoverslide-lite0 since.
`;

/**
 * Writes a section into results.md. If the section is there already, it is replaced. All others stay as they are.
 * @throws HoverslideError `output`
 */
export async function writeSection(path: string, section: BenchSection): Promise<void> {
  const sections = await readSections(path);
  sections.set(section.title, toMarkdown(section));
  await writeAtomically(path, `${head}\n${[...sections.values()].join('\n')}`);
}

/** Reads the text of each section by its title, in the order of the file. */
async function readSections(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const parts = text.split(/^(?=## )/m).slice(1);
  return new Map(parts.map((part) => [/^## (.*)/.exec(part)![1]!, `${part.trimEnd()}\n`]));
}

function toMarkdown({ title, command, rows, notes }: BenchSection): string {
  const columns = Object.keys(rows[0] ?? {});
  return [
    `## ${title}`,
    '',
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${machine()}.`,
    '',
    markdownTable([columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model ?? process.arch}, ${ownedCores()} cores, ${memory} GiB, Node ${process.versions.node}`;
}
