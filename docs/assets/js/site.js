// Copy buttons, and symbols that light up together in formula, table and code.
(() => {
  "use strict";

  const status = document.createElement("div");
  status.className = "cl-status";
  status.setAttribute("role", "status");

  /** Copy through a hidden field where the clipboard interface is missing (http, file). */
  const copyOldWay = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "cl-status";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyOldWay(text);
    }
  };

  const onClick = async ({ target }) => {
    const button = target.closest?.(".cl-copy");
    if (!button || button.dataset.label) return;
    const { copy: text, copyFrom } = button.dataset;
    const source = copyFrom && (button.closest(".cl-card") ?? document).querySelector(copyFrom);
    if (text === undefined && !source) return;
    const done = await copy(text ?? source.textContent);
    button.focus({ preventScroll: true });
    button.dataset.label = button.textContent;
    button.textContent = done ? "Copied" : "Not copied";
    status.textContent = `${button.dataset.label}: ${done ? "copied" : "the browser refused"}`;
    setTimeout(() => {
      button.textContent = button.dataset.label;
      delete button.dataset.label;
      status.textContent = "";
    }, 1600);
  };

  /** Light every mark of the symbol under the pointer or the focus, within its card or section. */
  const light = ({ target }) => {
    for (const mark of document.querySelectorAll(".is-lit")) mark.classList.remove("is-lit");
    const symbol = target?.closest?.("[data-sym]");
    if (!symbol) return;
    const scope = symbol.closest(".cl-card, .cl-play, section, article") ?? document;
    const same = `[data-sym="${CSS.escape(symbol.dataset.sym)}"]`;
    for (const mark of scope.querySelectorAll(same)) mark.classList.add("is-lit");
  };

  document.addEventListener("click", onClick);
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);
  document.addEventListener("focusout", () => light({}));

  // At each page the theme asks for the width of the window again, and never stops asking for the
  // pages before; whoever asks holds the sidebars of his page, and they hold all of it.
  let [before, asked] = [[], []];
  const ask = MediaQueryList.prototype.addListener;
  MediaQueryList.prototype.addListener = function (run) {
    asked.push(() => this.removeListener(run));
    ask.call(this, run);
  };
  const forget = () => {
    for (const stop of before) stop();
    [before, asked] = [asked, []];
  };

  /** On every page: the status line, a name for the search, keys for notebook cells that scroll. */
  const ready = () => {
    document.body.append(status);
    document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
    for (const box of document.querySelectorAll(".jupyter-wrapper pre, .cl-play pre")) box.tabIndex = 0;
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
  window.document$?.subscribe(ready); // other pages, by instant navigation; never from a file
  window.document$?.subscribe(forget);
})();
