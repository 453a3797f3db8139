import OpenSeadragon from 'openseadragon';
import type { SlideView } from '../../src/view/messages.js';
import { slideAddress } from '../api.js';

/** Where the slide's picture comes from: its tiles, or nothing where the slide cannot be found. */
export function tileSource(slide: SlideView): OpenSeadragon.TileSource {
  const { pixels, width, height, key } = slide;
  const found = 'tileSize' in pixels;
  const source = new OpenSeadragon.TileSource({
    width,
    height,
    tileSize: found ? pixels.tileSize : 256,
    tileOverlap: found ? pixels.overlap : 0,
    minLevel: 0,
    maxLevel: Math.ceil(Math.log2(Math.max(width, height))),
  });
  source.getTileUrl = (level, x, y) => `${slideAddress(key)}/pixels/${level}/${x}_${y}`;
  if (!found) source.tileExists = () => false;
  return source;
}

/**
 * OpenSeadragon adds a style sheet to the page unless it finds one of its own, and the page's policy allows none. Something
 * of that name that is no style sheet keeps it from that.
 */
export function keepStyleOut(): void {
  const mark = document.createElementNS('urn:hoverslide', 'style');
  mark.setAttribute('data-openseadragon-mobile-css', '');
  document.head.append(mark);
}
