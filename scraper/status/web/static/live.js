// Brings a page that asks for it up to date now and then, unless it is out of sight or being used. All pages read the
// same without this file.
"use strict";

const main = document.querySelector("main[data-live]");
if (main) {
  const pause = Number(main.dataset.live) * 1000;
  const control = document.createElement("button");
  let running = true;
  control.type = "button";
  control.className = "live";

  const show = () => {
    control.textContent = running ? "Live: pause" : "Paused: resume";
    control.setAttribute("aria-pressed", String(!running));
  };

  const inUse = () => {
    const selection = document.getSelection();
    return main.contains(document.activeElement) || (selection && String(selection));
  };

  const refresh = async () => {
    if (!running || document.hidden || inUse()) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const content = fresh.querySelector("main");
      if (content && !inUse()) {
        const opened = [...main.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
        const shut = [...main.querySelectorAll("details[id]")].filter((one) => !one.open).map((one) => one.id);
        main.replaceChildren(...content.childNodes);
        for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
        for (const id of shut) document.getElementById(id)?.removeAttribute("open");
        const foot = fresh.querySelector("footer p");
        if (foot) document.querySelector("footer p").replaceWith(foot);
      }
    } catch {
      // The page was not to be had: what is shown stays, and the next turn tries again.
    }
  };

  control.addEventListener("click", () => {
    running = !running;
    show();
  });
  show();
  document.querySelector("footer").append(control);
  setInterval(refresh, pause);
}
