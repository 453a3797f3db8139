/** What HoVer-Net's own code has in place of a model's constants (Graham et al. 2019). */
export const hoverNet = { sobel: 21, marker: 0.4 } as const;
