/** The background of the log, in both color schemes: programs choose their colors for a dark terminal. */
export const logBackground = [13, 17, 23] as const;
/** WCAG 2.2, 1.4.3. */
const minContrast = 4.5;

type Rgb = readonly [number, number, number];

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

/** The text color of the log. */
const logText = [217, 223, 230] as const;

/** Chooses between the text color and the background color of the log for a text without a color. */
export function textOn(background: Rgb): Rgb {
  return contrast(logText, background) >= contrast(logBackground, background) ? logText : logBackground;
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
