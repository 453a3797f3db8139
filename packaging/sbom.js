// A bill of materials (CycloneDX): npm's own, reduced to what is inside a package, and the parts that npm does not know.
import { createHash } from 'node:crypto';
import { sh } from '../scripts/steps.js';

/**
 * Makes the bill, the same for the same content.
 * @param about the package's own package.json
 * @param folder one with the lock file
 * @param modules of npm, as runtimeModules lists them
 * @param parts as nativeParts lists them
 * @param date seconds since 1970, of the commit
 */
export function billOfMaterials(about, folder, modules, parts, date) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'];
  const bill = JSON.parse(sh('npm', args, { cwd: folder }));
  const inside = new Set(modules.map(({ about }) => `${about.name}@${about.version}`));
  const own = `${about.name}@${about.version}`;
  const natives = parts.map(({ name, version, licence, where }) => ({
    'bom-ref': `${name} ${version}`,
    type: 'library',
    name,
    version,
    scope: 'required',
    licenses: [{ license: { name: licence } }],
    properties: [{ name: 'hoverslide:where', value: where }],
  }));
  bill.components = [...bill.components.filter((component) => inside.has(component['bom-ref'])), ...natives];
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => ref === own || inside.has(ref))
    .map(({ ref, dependsOn = [] }) => ({
      ref,
      dependsOn: [
        ...dependsOn.filter((name) => inside.has(name)),
        ...(ref === own ? natives.map((n) => n['bom-ref']) : []),
      ],
    }));
  bill.metadata.timestamp = new Date(date * 1000).toISOString();
  bill.metadata.component.name = about.name;
  delete bill.serialNumber; // a random one
  const hash = createHash('sha256').update(JSON.stringify(bill)).digest('hex');
  const uuid = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ];
  return `${JSON.stringify({ ...bill, serialNumber: `urn:uuid:${uuid.join('-')}` }, null, 2)}\n`;
}
