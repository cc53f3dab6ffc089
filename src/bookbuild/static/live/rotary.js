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
