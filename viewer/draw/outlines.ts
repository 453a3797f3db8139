import { attributes, build, coloring, type Gl, placing, type Program } from './programs.js';

// An instance is a segment: a strip of two triangles along it, a pixel wider than its stroke for the soft edge.
const vertex = `
layout(location = ${attributes.position}) in vec2 a_position;
layout(location = ${attributes.end}) in vec2 a_end;
layout(location = ${attributes.tags}) in uvec4 a_tags;
layout(location = ${attributes.value}) in float a_value;
${placing}
${coloring}
uniform float u_width;
out vec4 v_color;
out float v_side; // from the segment, in pixels
void main() {
  v_color = colorOf(a_tags.xy, a_value);
  if (v_color.a == 0.0 || a_tags.z == 0u) { gl_Position = nowhere; return; }
  vec2 from = pixels(a_position);
  vec2 to = pixels(a_end);
  float length = max(distance(from, to), 1e-6);
  vec2 along = (to - from) / length;
  vec2 across = vec2(-along.y, along.x);
  float reach = 0.5 * u_width + 0.5;
  float side = (gl_VertexID & 1) == 0 ? -reach : reach;
  float at = gl_VertexID < 2 ? -0.5 * u_width : length + 0.5 * u_width;
  v_side = side;
  gl_Position = clip(from + along * at + across * side);
}`;

const fragment = `
uniform float u_width;
uniform float u_opacity;
in vec4 v_color;
in float v_side;
out vec4 color;
void main() {
  float alpha = clamp(0.5 * u_width + 0.5 - abs(v_side), 0.0, 1.0) * u_opacity;
  color = vec4(v_color.rgb * alpha, alpha);
}`;

export const outlinesProgram = (gl: Gl): Program => build(gl, vertex, fragment);

/** Draws so many segments from where the attributes point. */
export function drawSegments(gl: Gl, count: number): number {
  gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  return count;
}

const filling = `
layout(location = ${attributes.position}) in vec2 a_position;
layout(location = ${attributes.tags}) in uvec4 a_tags;
layout(location = ${attributes.value}) in float a_value;
${placing}
${coloring}
out vec4 v_color;
void main() {
  v_color = colorOf(a_tags.xy, a_value);
  gl_Position = v_color.a == 0.0 ? nowhere : clip(pixels(a_position));
}`;

const flat = `
uniform float u_opacity;
in vec4 v_color;
out vec4 color;
void main() { color = vec4(v_color.rgb * u_opacity, u_opacity); }`;

export const fillProgram = (gl: Gl): Program => build(gl, filling, flat);

/** Draws the triangles first..end of the outlines that are bound, in indices. */
export function drawTriangles(gl: Gl, first: number, end: number): number {
  gl.drawElements(gl.TRIANGLES, end - first, gl.UNSIGNED_INT, 4 * first);
  return (end - first) / 3;
}
