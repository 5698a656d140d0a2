/* Keeps the list of a session on the phone, only when somebody asks for it, so that it opens where there is no line. */
(async () => {
  "use strict";
  const box = document.querySelector("[data-keep]");
  if (!box || !navigator.serviceWorker) return;
  const told = box.querySelector("[data-keep-state]");
  const [keep, drop] = ["keep", "drop"].map((name) => box.querySelector(`[data-do=${name}]`));
  const path = location.pathname;
  const moment = (at) => new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit",
  }).format(at);
  const ask = (worker, wanted, more = {}) => new Promise((done, failed) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => data.failed ? failed(new Error(wanted)) : done(data.done);
    worker.postMessage({ wanted, path, ...more }, [port2]);
  });
  const show = (until) => {
    told.textContent = until ? box.dataset.until.replace("#", moment(until)) : "";
    keep.hidden = Boolean(until);
    drop.hidden = !until;
  };
  const worker = async () => {
    await navigator.serviceWorker.register(box.dataset.keep, { scope: "/training/sessions/" });
    return (await navigator.serviceWorker.ready).active;
  };

  // An old copy says so: what others noted meanwhile is not on it.
  const since = Number(document.body.dataset.kept || 0);
  if (since) {
    const old = document.querySelector("[data-old]");
    old.textContent = old.dataset.old.replace("#", moment(since));
    old.hidden = false;
  }
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    try {
      const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")]
        .map((part) => part.href || part.src);
      show(await ask(await worker(), "keep", { hours: Number(box.dataset.hours), parts }));
    } catch {
      told.textContent = box.dataset.failed;
    } finally {
      keep.disabled = false;
    }
  });
  drop.addEventListener("click", async () => {
    await ask(await worker(), "forget");
    show(0);
    told.textContent = box.dataset.dropped;
  });
  const known = await navigator.serviceWorker.getRegistration("/training/sessions/");
  show(known && known.active ? await ask(known.active, "until") : 0);
  box.hidden = false;
})();
