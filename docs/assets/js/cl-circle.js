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
    for (let n = 0; n < 60; n++) {
      const middle = (near + far) / 2;
      if (force(middle) * first > 0) near = middle;
      else far = middle;
    }
    return (near + far) / 2;
  };

  /** The frame of the picture: centre, radius, and the pixel of an angle at a share of the radius. */
  const frame = (width, height) => {
    const radius = Math.min(width, height) * (width < 400 ? 0.34 : 0.37);
    const [x, y] = [width / 2, height / 2];
    const at = (angle, r = 1) => [x + r * radius * Math.cos(angle), y - r * radius * Math.sin(angle)];
    const angleOf = (px, py) => (Math.atan2(y - py, px - x) * 180) / Math.PI;
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
    const layer = pen.put("arrows", "g");
    const group = pen.put(key, "g", { class: `arrow${thick ? " thick" : ""}${capped ? " capped" : ""}`, "data-role": role }, undefined, layer);
    pen.put(`${key}-s`, "path", { class: "shaft", d: cl.path(shaft) }, undefined, group);
    const back = end - turn * head;
    const half = (thick ? 6 : 5) / f.radius;
    const tip = [f.at(end, r), f.at(back, r + half), f.at(back, r - half)];
    pen.put(`${key}-h`, "path", { class: "head", d: `${cl.path(tip)}z` }, undefined, group);
    if (!capped) return;
    const [tx, ty] = f.at(end + (turn * 14) / f.radius, r + 0.06);
    pen.put(`${key}-t`, "text", { class: "tick", x: tx, y: ty, "text-anchor": "middle" }, cl.show(Math.abs(force), 2), group);
  };

  const nameOf = (k) => (k === 0 ? "positive" : `negative ${k}`);

  /** Circle, chords as thick as the weights, and the points; arrows are the caller's. */
  const scene = (pen, f, { a, keys, p, friends = [] }) => {
    pen.put("ring", "circle", { class: "ring", cx: f.x, cy: f.y, r: f.radius });
    const chords = pen.put("chords", "g"); // layers, in this order: what has the focus never moves
    pen.put("arrows", "g");
    const top = pen.put("points", "g");
    const [ax, ay] = f.at(cl.radians(a));
    keys.forEach((key, k) => {
      const [x, y] = f.at(cl.radians(key));
      const look = { class: "chord", "data-role": k ? "negative" : "positive", x1: ax, y1: ay, x2: x, y2: y };
      const style = `stroke-width: ${(0.6 + 11 * p[k]).toFixed(1)}px`;
      pen.put(`chord${k}`, "line", { ...look, style }, undefined, chords);
    });
    const point = (name, role, angle, label, text, sign) => {
      const [x, y] = f.at(cl.radians(angle));
      cl.handle(pen, name, role, x, y, label, { now: Math.round(angle), text }, top);
      const [tx, ty] = f.at(cl.radians(angle), 1 - 25 / f.radius);
      pen.put(`name-${name}`, "text", { class: "name", x: tx, y: ty + 5, "text-anchor": "middle" }, sign, top);
    };
    keys.forEach((key, k) => {
      const role = k === 0 ? "positive" : friends.includes(k) ? "friend" : "negative";
      const marked = role === "friend" ? ", marked as a friend" : "";
      const text = `${key} degrees, weight ${cl.show(p[k], 2)}${marked}`;
      point(`k${k}`, role, key, nameOf(k), text, k ? String(k) : "+");
    });
    point("a", "anchor", a, "anchor", `${a} degrees`, "z");
    return top;
  };

  /** Keys of the keyboard on a point: the new state, or nothing. */
  const pressed = (state, name, key, turn, least = 2, most = 16) => {
    const k = Number(name.slice(1));
    const place = (angle) =>
      name === "a" ? { a: angle } : { k: state.k.map((old, n) => (n === k ? angle : old)) };
    const now = name === "a" ? state.a : state.k[k];
    if (turn) return place(now + turn);
    if (key === "Home" && name !== "a") return place(state.a);
    if (key === "End" && name !== "a") return place(state.a + 180);
    if (key === "Delete" && name !== "a" && k > 0 && state.k.length > least)
      return { k: state.k.filter((_, n) => n !== k), removed: k };
    if (key.toLowerCase() === "n" && state.k.length < most) return { k: [...state.k, state.a + 180] };
    return undefined;
  };

  const python = (state) => `import math
import torch, infonce

angle = lambda degrees: torch.tensor(degrees, dtype=torch.float64).deg2rad()
point = lambda a: torch.stack([a.cos(), a.sin()], -1)
a = angle(${JSON.stringify(state.a)})
keys = angle(${JSON.stringify(state.k).replaceAll(",", ", ")})  # the first is the positive
anchor, positive, negatives = point(a)[None], point(keys[:1]), point(keys[1:])
`;

  cl.circle = { anchorLoss, rest, frame, arrow, scene, pressed, python, nameOf };
})();
