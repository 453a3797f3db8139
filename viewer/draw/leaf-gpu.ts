import type { Leaf } from '../data/leaves.js';
import { attributes, buffer, type Gl, noValue } from './programs.js';

/** Bytes of a vertex's place and tags. */
const place = 8;

/** A leaf's points and outlines on the GPU. */
export class LeafGpu {
  readonly points: WebGLVertexArrayObject;
  outlines?: {
    readonly segments: WebGLVertexArrayObject;
    readonly triangles: WebGLVertexArrayObject;
    readonly positions: WebGLBuffer;
    readonly tags: WebGLBuffer;
    values?: WebGLBuffer;
  };
  /** Column whose values the GPU has, for points and for outlines. */
  column: { points?: string; outlines?: string } = {};
  readonly #buffers: WebGLBuffer[] = [];
  readonly #arrays: WebGLVertexArrayObject[] = [];
  #pointValues: WebGLBuffer | undefined;

  constructor(
    readonly gl: Gl,
    readonly leaf: Leaf,
  ) {
    const { positions, tags } = leaf.points!;
    this.points = this.#array();
    this.#attribute(this.#keep(buffer(gl, positions)), attributes.position, 2, gl.FLOAT, place, 0);
    this.#tags(this.#keep(buffer(gl, tags)), 2, 0);
  }

  /** Brings what was loaded since the last time. */
  update(column: string | undefined): void {
    const { gl, leaf } = this;
    if (leaf.outlines && !this.outlines) this.#addOutlines(leaf.outlines);
    const values = leaf.values;
    if (!values || values.column !== column) return;
    if (this.column.points !== column) {
      const data = values.data.map((value) => (Number.isNaN(value) ? noValue : value));
      this.#pointValues ??= this.#keep(gl.createBuffer());
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#pointValues);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      gl.bindVertexArray(this.points);
      this.#attribute(this.#pointValues, attributes.value, 1, gl.FLOAT, 4, 0);
      this.column.points = column;
    }
    if (this.outlines && this.column.outlines !== column) {
      const { vertexOf, positions } = leaf.outlines!;
      const data = new Float32Array(positions.length / 2);
      for (let k = 0; k < leaf.points!.count; k++) {
        const value = values.data[k]!;
        data.fill(Number.isNaN(value) ? noValue : value, vertexOf[k], vertexOf[k + 1]);
      }
      this.outlines.values ??= this.#keep(gl.createBuffer());
      gl.bindBuffer(gl.ARRAY_BUFFER, this.outlines.values);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      gl.bindVertexArray(this.outlines.triangles);
      this.#attribute(this.outlines.values, attributes.value, 1, gl.FLOAT, 4, 0);
      gl.bindVertexArray(this.outlines.segments);
      this.#attribute(this.outlines.values, attributes.value, 1, gl.FLOAT, 4, 0, 1);
      this.column.outlines = column;
    }
  }

  /**
   * Points the attributes of segments at a vertex: WebGL2 draws instances from the first on only. Called for each range of
   * cells in each frame: what does not change is said once, in #addOutlines.
   */
  startSegments(vertex: number): void {
    const { gl } = this;
    const { segments, positions, tags, values } = this.outlines!;
    gl.bindVertexArray(segments);
    gl.bindBuffer(gl.ARRAY_BUFFER, positions);
    gl.vertexAttribPointer(attributes.position, 2, gl.FLOAT, false, place, place * vertex);
    gl.vertexAttribPointer(attributes.end, 2, gl.FLOAT, false, place, place * (vertex + 1));
    gl.bindBuffer(gl.ARRAY_BUFFER, tags);
    gl.vertexAttribIPointer(attributes.tags, 4, gl.UNSIGNED_BYTE, 4, 4 * vertex);
    if (!values) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, values);
    gl.vertexAttribPointer(attributes.value, 1, gl.FLOAT, false, 4, 4 * vertex);
  }

  drop(): void {
    for (const each of this.#arrays) this.gl.deleteVertexArray(each);
    for (const each of this.#buffers) this.gl.deleteBuffer(each);
  }

  #addOutlines({ positions, tags, triangles }: NonNullable<Leaf['outlines']>): void {
    const { gl } = this;
    const made = {
      positions: this.#keep(buffer(gl, positions)),
      tags: this.#keep(buffer(gl, tags)),
      segments: this.#array(),
      triangles: this.#array(),
    };
    this.#keep(buffer(gl, triangles, gl.ELEMENT_ARRAY_BUFFER));
    this.#attribute(made.positions, attributes.position, 2, gl.FLOAT, place, 0);
    this.#tags(made.tags, 4, 0);
    gl.bindVertexArray(made.segments);
    this.#attribute(made.positions, attributes.position, 2, gl.FLOAT, place, 0, 1);
    this.#attribute(made.positions, attributes.end, 2, gl.FLOAT, place, place, 1);
    this.#tags(made.tags, 4, 0, 1);
    gl.bindVertexArray(null);
    this.outlines = made;
  }

  #array(): WebGLVertexArrayObject {
    const array = this.gl.createVertexArray();
    this.#arrays.push(array);
    this.gl.bindVertexArray(array);
    return array;
  }

  #keep(made: WebGLBuffer): WebGLBuffer {
    this.#buffers.push(made);
    return made;
  }

  #attribute(
    from: WebGLBuffer,
    at: number,
    size: number,
    type: number,
    stride: number,
    offset: number,
    divisor = 0,
  ): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, from);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, false, stride, offset);
    gl.vertexAttribDivisor(at, divisor);
  }

  /** Of two or four bytes, the first two or four of them. */
  #tags(from: WebGLBuffer, size: number, offset: number, divisor = 0): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, from);
    gl.enableVertexAttribArray(attributes.tags);
    gl.vertexAttribIPointer(attributes.tags, size, gl.UNSIGNED_BYTE, size, offset);
    gl.vertexAttribDivisor(attributes.tags, divisor);
  }
}
