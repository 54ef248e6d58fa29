/** The background of the log, in both color schemes: programs choose their colors for a dark terminal. */
export const logBackground = [13, 17, 23] as const;
/** WCAG 2.2, 1.4.3. */
const minContrast = 4.5;

export type Rgb = readonly [number, number, number];

/** Lightens a color until it can be read on the log's background. */
export function readableColor(color: Rgb, background: Rgb = logBackground): Rgb {
  const lighter = (part: number): Rgb => {
    const mix = (value: number): number => Math.round(value + (255 - value) * part);
    return [mix(color[0]), mix(color[1]), mix(color[2])];
  };
  for (let part = 0; part < 1; part += 0.05) {
    const candidate = lighter(part);
    if (contrast(candidate, background) >= minContrast) return candidate;
  }
  return [255, 255, 255];
}

const white = [255, 255, 255] as const;
const black = [0, 0, 0] as const;

/** Chooses the color of a text without one: white or black, whichever is easier to read. One of them always is. */
export function textOn(background: Rgb): Rgb {
  return contrast(white, background) >= contrast(black, background) ? white : black;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance by WCAG 2.2. */
function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
