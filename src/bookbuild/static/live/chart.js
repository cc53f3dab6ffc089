// The arithmetic of a chart: where ticks stand, where a number is drawn, and how it is written.

/** Return how a number is written: three digits, and a power of ten where there would be many zeros. */
export function written(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (value === 0 || (size >= 0.001 && size < 100000)) return String(Number(value.toPrecision(3)));
  const [digits, power] = value.toExponential(2).split("e");
  return `${Number(digits)} · ${powerOfTen(Number(power))}`;
}

/** Return how a place on the x axis is written: whole numbers whole. */
export function placed(value) {
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? value.toLocaleString("en-US") : written(value);
}

/** Return 10 to a whole power as it is printed. */
export function powerOfTen(power) {
  const raised = [...String(power)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
  return `10${raised.join("")}`;
}

/** Return about five round numbers between two. */
export function ticks(least, most) {
  const rough = (most - least) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((one) => one * power >= rough) * power;
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(most / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Return the powers of ten between two numbers, six at most. */
export function decades(least, most) {
  const [first, last] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(most) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / 5));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (first + i * step));
}

/** Return the function from a number to its place between two ends, straight or by its logarithm. */
export function scale([least, most], [from, to], isLog) {
  const at = isLog ? Math.log : (value) => value;
  const span = at(most) - at(least) || 1;
  return (value) => from + ((at(value) - at(least)) / span) * (to - from);
}
