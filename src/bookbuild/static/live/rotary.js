// Rotary positions for one pair of numbers: the arithmetic of lessons.positions, which the tests compare with this.

/** Turn a point of the plane by an angle in radians. */
export function turned([x, y], angle) {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return [x * cosine - y * sine, x * sine + y * cosine];
}

/** Return query and key, each turned by the frequency times its position, and their dot product. */
export function rotaryScore(query, key, frequency, queryPosition, keyPosition) {
  const q = turned(query, frequency * queryPosition);
  const k = turned(key, frequency * keyPosition);
  return { query: q, key: k, score: q[0] * k[0] + q[1] * k[1] };
}

/** Return where the names of query and key stand, beyond their hands; side by side they would overprint each other. */
export function namePlaces(query, key) {
  const places = [query, key].map(([x, y], i) => {
    const far = (i ? 1.18 : 1.28) / Math.hypot(x, y);
    return [x * far, y * far];
  });
  const [[x1, y1], [x2, y2]] = places;
  if (Math.abs(x1 - x2) > 0.4 || Math.abs(y1 - y2) > 0.16) return places;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [[x, y + 0.08], [x, y - 0.08]];
}
