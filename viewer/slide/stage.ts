import OpenSeadragon from 'openseadragon';
import type { SlideView } from '../../src/view/messages.js';
import { slideAddress } from '../api.js';
import { h } from '../dom.js';
import type { Camera } from '../draw/camera.js';
import { keepStyleOut, tileSource } from './tile-source.js';

keepStyleOut();

/** Where the view is: the level-0 px in its middle, and um per CSS pixel. */
export interface Where {
  readonly x: number;
  readonly y: number;
  readonly mpp: number;
}

/** The slide's picture, which is moved about, with canvases above it that move along. */
export class Stage {
  readonly element: HTMLElement;
  readonly nuclei = h('canvas', { class: 'above', 'aria-hidden': 'true' });
  readonly marks = h('canvas', { class: 'above', 'aria-hidden': 'true' });
  readonly osd: OpenSeadragon.Viewer;
  readonly #watchers: ((camera: Camera) => void)[] = [];
  #open = false;

  /** @param label of the picture, for those who cannot see it */
  constructor(
    readonly slide: SlideView,
    label: string,
    ready: () => void,
  ) {
    const frame = h('div', { class: 'frame' });
    this.element = h('div', { class: 'stage' }, frame);
    this.osd = new OpenSeadragon.Viewer({
      element: frame,
      drawer: 'canvas',
      showNavigationControl: false,
      showNavigator: true,
      navigatorPosition: 'BOTTOM_RIGHT',
      navigatorSizeRatio: 0.16,
      navigatorAutoFade: false,
      navigatorDrawer: 'canvas',
      navigatorBorderColor: '#8a94a0',
      navigatorOpacity: 0.92,
      keyboardNavEnabled: false,
      animationTime: reducedMotion() ? 0 : 0.6,
      springStiffness: 9,
      minZoomImageRatio: 0.5,
      maxZoomPixelRatio: 16,
      visibilityRatio: 0.2,
      imageLoaderLimit: 6,
      maxImageCacheCount: 400,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: {
        clickToZoom: false,
        dblClickToZoom: true,
        dblClickDragToZoom: false, // after a tap and a pinch in quick succession, the next drag would zoom (OpenSeadragon 6.1.1)
        pinchRotate: false,
      },
      gestureSettingsPen: { clickToZoom: false },
      crossOriginPolicy: false,
      loadTilesWithAjax: true, // then tiles are decoded outside of frames
    });
    const { canvas } = this.osd;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', label);
    canvas.append(this.nuclei, this.marks);
    this.osd.addHandler('open', () => {
      this.#open = true;
      // It may have been made before it had a size.
      const { viewport } = this.osd;
      viewport.resize(new OpenSeadragon.Point(frame.clientWidth, frame.clientHeight), false);
      viewport.goHome(true);
      ready();
      this.redraw();
    });
    this.osd.addHandler('update-viewport', () => this.#draw());
    this.osd.open({ tileSource: tileSource(slide) });
    if (!('tileSize' in slide.pixels)) this.#underlay();
  }

  /** Calls the watcher with every frame. */
  watch(watcher: (camera: Camera) => void): void {
    this.#watchers.push(watcher);
  }

  /** Draws a frame soon. */
  redraw(): void {
    if (this.#open) this.osd.forceRedraw();
  }

  /** Draws the canvases above at once, as a picture of them needs it. */
  drawNow(): void {
    this.#draw();
  }

  camera(): Camera {
    const ratio = window.devicePixelRatio || 1;
    const { x, y, width } = this.osd.viewport.getBoundsNoRotate(true);
    const size = this.osd.viewport.getContainerSize();
    // The slide is one wide to OpenSeadragon.
    const scale = (size.x * ratio) / (width * this.slide.width);
    return {
      left: x * this.slide.width,
      top: y * this.slide.width,
      scale,
      width: Math.round(size.x * ratio),
      height: Math.round(size.y * ratio),
      ratio,
    };
  }

  /** Where the view is, or where it goes to. */
  where(): Where {
    const { x, y, width, height } = this.osd.viewport.getBoundsNoRotate(false);
    const size = this.osd.viewport.getContainerSize();
    return {
      x: (x + width / 2) * this.slide.width,
      y: (y + height / 2) * this.slide.width,
      mpp: (width * this.slide.width * this.slide.mpp) / size.x,
    };
  }

  go({ x, y, mpp }: Where, at: 'once' | 'smoothly' = 'smoothly'): void {
    const { viewport } = this.osd;
    const size = viewport.getContainerSize();
    const zoom = (this.slide.mpp * this.slide.width) / (mpp * size.x);
    const possible = Math.min(Math.max(zoom, viewport.getMinZoom()), viewport.getMaxZoom());
    const middle = new OpenSeadragon.Point(x / this.slide.width, y / this.slide.width);
    viewport.zoomTo(possible, undefined, at === 'once');
    viewport.panTo(middle, at === 'once');
  }

  zoomBy(factor: number): void {
    const { viewport } = this.osd;
    viewport.zoomBy(factor);
    viewport.applyConstraints();
  }

  /** Moves by shares of the view. */
  panBy(x: number, y: number): void {
    const { viewport } = this.osd;
    const bounds = viewport.getBoundsNoRotate(false);
    viewport.panBy(new OpenSeadragon.Point(x * bounds.width, y * bounds.height));
    viewport.applyConstraints();
  }

  whole(): void {
    this.osd.viewport.goHome(reducedMotion());
  }

  /** The level-0 px under a place of the window. @param box of the stage in it */
  pointAt(
    clientX: number,
    clientY: number,
    box = this.element.getBoundingClientRect(),
  ): { x: number; y: number } {
    const { left, top, scale, ratio } = this.camera();
    return {
      x: left + ((clientX - box.left) * ratio) / scale,
      y: top + ((clientY - box.top) * ratio) / scale,
    };
  }

  /** Whether dragging moves the picture. */
  setMoving(moves: boolean): void {
    this.osd.setMouseNavEnabled(moves);
  }

  close(): void {
    this.osd.destroy();
  }

  #draw(): void {
    if (!this.#open) return;
    const camera = this.camera();
    for (const canvas of [this.nuclei, this.marks]) {
      if (canvas.width !== camera.width || canvas.height !== camera.height) {
        canvas.width = camera.width;
        canvas.height = camera.height;
      }
    }
    for (const watcher of this.#watchers) watcher(camera);
  }

  /** Lays the thumbnail where the slide's own picture should be. */
  #underlay(): void {
    const image = h('img', { class: 'underlay', alt: '', src: `${slideAddress(this.slide.key)}/thumbnail` });
    image.onerror = () => image.remove();
    this.osd.canvas.prepend(image);
    this.watch(({ left, top, scale, ratio }) => {
      const px = scale / ratio;
      image.style.transform = `translate(${-left * px}px, ${-top * px}px)`;
      image.style.width = `${this.slide.width * px}px`;
      image.style.height = `${this.slide.height * px}px`;
    });
  }
}

export const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
