// What the three programs share: how they are built, where a vertex lies, which colour a nucleus has.

export type Gl = WebGL2RenderingContext;

/** A program and its uniforms by name. */
export interface Program {
  readonly program: WebGLProgram;
  readonly at: (uniform: string) => WebGLUniformLocation | null;
}

export function build(gl: Gl, vertex: string, fragment: string): Program {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, `#version 300 es\nprecision highp float;\nprecision highp int;\n${text}`);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program)!.map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(
      `a program of the overlay does not build: ${logs.join(' ')} ${gl.getProgramInfoLog(program)}`,
    );
  }
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    at(uniform) {
      if (!places.has(uniform)) places.set(uniform, gl.getUniformLocation(program, uniform));
      return places.get(uniform)!;
    },
  };
}

/** Places of attributes, the same in all programs. */
export const attributes = { position: 0, tags: 1, value: 2, end: 3 } as const;

/** Stands for a value that a nucleus does not have. */
export const noValue = -3e38;

/** Set-aside nuclei have this place among the colours of the classes. */
export const asideColor = 255;

export const placing = `
uniform vec2 u_hi;    // the middle of the view from the leaf's corner, in level-0 px
uniform vec2 u_lo;    // and what float32 left of it
uniform float u_scale; // device pixels per level-0 px
uniform vec2 u_half;   // half the canvas in device pixels
vec2 pixels(vec2 p) { return ((p - u_hi) - u_lo) * u_scale; } // from the middle, in device pixels
vec4 clip(vec2 p) { return vec4(p.x / u_half.x, -p.y / u_half.y, 0.0, 1.0); }
const vec4 nowhere = vec4(2.0, 2.0, 2.0, 1.0);
`;

export const coloring = `
uniform sampler2D u_classes; // colour of each class; clear where it is not shown
uniform sampler2D u_map;     // colours of values
uniform vec2 u_range;        // values of its ends; equal where nuclei have the colour of their class
uniform vec2 u_limits;       // values that are shown
vec4 colorOf(uvec2 tags, float value) {
  vec4 color = texelFetch(u_classes, ivec2(tags.y > 0u ? ${asideColor} : int(tags.x), 0), 0);
  if (u_range.x == u_range.y || color.a == 0.0) return color;
  if (value < u_limits.x || value > u_limits.y) return vec4(0.0);
  if (value <= -2.9e38) return vec4(0.6, 0.6, 0.6, 1.0);
  float at = clamp((value - u_range.x) / (u_range.y - u_range.x), 0.0, 1.0);
  return vec4(textureLod(u_map, vec2((at * 255.0 + 0.5) / 256.0, 0.5), 0.0).rgb, 1.0);
}
`;

/** Makes a texture of one row of 256 colours. */
export function colorRow(gl: Gl, colors: Uint8Array): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colors);
  sharp(gl, gl.TEXTURE_2D);
  return texture;
}

export function sharp(gl: Gl, target: number): void {
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}

export function buffer(gl: Gl, data: AllowSharedBufferSource, target: number = gl.ARRAY_BUFFER): WebGLBuffer {
  const made = gl.createBuffer();
  gl.bindBuffer(target, made);
  gl.bufferData(target, data, gl.STATIC_DRAW);
  return made;
}
