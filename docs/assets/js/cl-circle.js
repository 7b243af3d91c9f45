// The scene of one anchor and its keys on a circle: numbers and drawing, for forces and friends.
(() => {
  "use strict";
  if (!window.cl || cl.circle) return;

  /**
   * Loss and gradient of one anchor on the circle.
   * @param {number} tau temperature
   * @param {number} a angle of the anchor in radians
   * @param {number[]} keys angles of the keys in radians; the first is the positive
   */
  const anchorLoss = (tau, a, keys) => {
    const s = keys.map((key) => Math.cos(key - a));
    const p = cl.softmax(s.map((x) => x / tau));
    const loss = cl.infoNCE(s[0], s.slice(1), tau);
    const onS = p.map((x) => x / tau); // dL/ds: every negative pushes ...
    onS[0] = -cl.sum(onS.slice(1)); // ... and the positive pulls as hard as all of them
    const parts = keys.map((key, k) => -onS[k] * Math.sin(key - a)); // force of each on the anchor
    return { s, p, loss, onS, parts, force: cl.sum(parts) };
  };

  /** Where the anchor comes to rest, downhill from `a`: quarter degrees, then halving. */
  const rest = (tau, a, keys) => {
    const force = (x) => anchorLoss(tau, x, keys).force;
    const first = force(a);
    if (Math.abs(first) < 1e-12) return a;
    const step = Math.sign(first) * cl.radians(0.25);
    let [near, far] = [a, a + step];
    for (let n = 0; n < 1440 && force(far) * first > 0; n++) [near, far] = [far, far + step];
    return cl.bisect((x) => force(x) * first, near, far);
  };

  /** The frame of the picture: centre, radius, and the pixel of an angle at a share of the radius. */
  const frame = (width, height) => {
    const radius = Math.min(width, height) * (width < 400 ? 0.34 : 0.37);
    const [x, y] = [width / 2, height / 2];
    const at = (angle, r = 1) => [x + r * radius * Math.cos(angle), y - r * radius * Math.sin(angle)];
    const angleOf = (px, py) => cl.degrees(Math.atan2(y - py, px - x));
    return { x, y, radius, at, angleOf };
  };

  const MOST = 1.15; // radians: a longer arrow has a broken shaft, and its number beside it

  /** An arrow along the circle, as long as the force; from `angle` at `r` radii. */
  const arrow = (pen, key, f, angle, r, force, role, thick = false) => {
    const length = Math.min(MOST, Math.abs(force) * 0.3);
    if (length < 0.004) return;
    const turn = Math.sign(force);
    const end = angle + turn * length;
    const head = Math.min(length, 11 / (r * f.radius));
    const shaft = Array.from({ length: 25 }, (_, n) => f.at(angle + (turn * (length - head) * n) / 24, r));
    const capped = Math.abs(force) * 0.3 > MOST;
    const look = `arrow${thick ? " thick" : ""}${capped ? " capped" : ""}`;
    const group = pen.group("arrows").group(key, { class: look, "data-role": role, "data-sym": key });
    group.curve(`${key}-s`, "shaft", shaft);
    const back = end - turn * head;
    const half = (thick ? 6 : 5) / f.radius;
    const tip = [f.at(end, r), f.at(back, r + half), f.at(back, r - half)];
    group.curve(`${key}-h`, "head", tip);
    if (!capped) return;
    const [tx, ty] = f.at(end + (turn * 14) / f.radius, r + 0.06);
    group.text(`${key}-t`, cl.show(Math.abs(force), 2), tx, ty, "middle");
  };

  /** Circle, chords as thick as the weights, and the points; arrows are the caller's. */
  const scene = (pen, f, { a, keys, p, friends = [] }) => {
    pen.circle("ring", "ring", f.x, f.y, f.radius);
    const chords = pen.group("chords"); // layers, in this order: what has the focus never moves
    pen.group("arrows");
    const top = pen.group("points");
    const [ax, ay] = f.at(cl.radians(a));
    keys.forEach((key, k) => {
      const chord = chords.line(`chord${k}`, "chord", ax, ay, ...f.at(cl.radians(key)), k ? "negative" : "positive");
      chord.dataset.sym = cl.nameOf(k);
      chord.style.strokeWidth = `${(0.6 + 11 * p[k]).toFixed(1)}px`;
    });
    const point = (name, role, angle, label, text, sign, shape = role) => {
      top.handle(name, role, ...f.at(cl.radians(angle)), label, { now: Math.round(angle), text }, shape);
      const [x, y] = f.at(cl.radians(angle), 1 - 25 / f.radius);
      top.text(`name-${name}`, sign, x, y + 5, "middle", "name");
    };
    keys.forEach((key, k) => {
      const friend = friends.includes(k);
      const text = `${key} degrees, weight ${cl.show(p[k], 2)}${friend ? ", marked as a friend" : ""}`;
      point(`k${k}`, k ? "negative" : "positive", key, cl.nameOf(k), text, k ? String(k) : "+", friend ? "friend" : undefined);
    });
    point("a", "anchor", a, "anchor", `${a} degrees`, "z");
    return top;
  };

  const { place, pressed: edited, actions } = cl.points("k", ({ a }) => a + 180);

  const turned = (element, name, angle) =>
    name === "a" ? element.set({ a: angle }) : place(element, name, angle);

  const dragged = (element, name, x, y) =>
    turned(element, name, frame(...element.size).angleOf(x, y));

  const pressed = (element, name, key, turn) => {
    const { a, k } = element.state;
    const on = name === "a" ? {} : { Home: a, End: a + 180 };
    const next = turn ? (name === "a" ? a : k[Number(name.slice(1))]) + turn : on[key];
    if (next === undefined) return edited(element, name, key);
    turned(element, name, next);
    return true;
  };

  const python = (state) => `import math
import torch, infonce

angle = lambda degrees: torch.tensor(degrees, dtype=torch.float64).deg2rad()
point = lambda a: torch.stack([a.cos(), a.sin()], -1)
a = angle(${JSON.stringify(state.a)})
keys = angle(${JSON.stringify(state.k).replaceAll(",", ", ")})  # the first is the positive
anchor, positive, negatives = point(a)[None], point(keys[:1]), point(keys[1:])
`;

  cl.circle = { anchorLoss, rest, frame, arrow, scene, dragged, pressed, actions, python };
})();
