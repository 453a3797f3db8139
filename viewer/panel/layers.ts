import { fill, h, swatch } from '../dom.js';
import type { Session } from '../slide/session.js';
import { section } from './section.js';

/** Outlines of regions that can be laid over the slide; nothing where there are none. */
export function layersPanel({ slide, look }: Session): HTMLElement | undefined {
  if (slide.layers.length === 0) return undefined;
  const list = h('ul', { class: 'layers' });
  const boxes = slide.layers.map(({ name, title, color }) => {
    const box = h('input', { type: 'checkbox' });
    box.onchange = () => {
      const layers = new Set(look.value.layers);
      if (!layers.delete(name)) layers.add(name);
      look.change({ layers });
    };
    list.append(h('li', {}, h('label', {}, box, swatch(color), title)));
    return { name, box };
  });
  look.watch(({ layers }) => {
    for (const { name, box } of boxes) box.checked = layers.has(name);
  });
  return section('Layers', list);
}

/** What is known of the slide, and what should be known. */
export function factsPanel({ slide }: Session): HTMLElement {
  const { width, height, mpp, model, version, notices } = slide;
  const list = h('dl');
  const facts: [string, string][] = [
    [
      'Size',
      `${width} × ${height} px, ${((width * mpp) / 1000).toFixed(1)} × ${((height * mpp) / 1000).toFixed(1)} mm`,
    ],
    ['Pixel size', `${Number(mpp.toPrecision(5))} µm`],
    ...(model ? [['Model', `${model.name} ${model.version}`] as [string, string]] : []),
    ...(version !== undefined ? [['hoverslide', version] as [string, string]] : []),
  ];
  fill(
    list,
    facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
  return section('Slide', list, ...notices.map((notice) => h('p', { class: 'notice' }, notice)));
}
