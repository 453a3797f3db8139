import { attributes, build, coloring, type Gl, placing, type Program } from './programs.js';

const vertex = `
layout(location = ${attributes.position}) in vec2 a_position;
layout(location = ${attributes.tags}) in uvec2 a_tags;
layout(location = ${attributes.value}) in float a_value;
${placing}
${coloring}
uniform float u_size;
out vec4 v_color;
void main() {
  v_color = colorOf(a_tags, a_value);
  gl_Position = v_color.a == 0.0 ? nowhere : clip(pixels(a_position));
  gl_PointSize = u_size;
}`;

const fragment = `
uniform float u_size;
uniform float u_opacity;
in vec4 v_color;
out vec4 color;
void main() {
  float inside = clamp((0.5 - length(gl_PointCoord - 0.5)) * u_size + 0.5, 0.0, 1.0);
  float alpha = inside * u_opacity;
  color = vec4(v_color.rgb * alpha, alpha);
}`;

export const pointsProgram = (gl: Gl): Program => build(gl, vertex, fragment);

/** Draws nuclei first..end of the points that are bound. */
export function drawPoints(gl: Gl, first: number, end: number): number {
  gl.drawArrays(gl.POINTS, first, end - first);
  return end - first;
}
