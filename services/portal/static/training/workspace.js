/* The workspace of a placement: a woman is dragged, or moved by the form, without leaving the page. The house judges each
   move; this only asks it and shows what it said. Without this script the form is an ordinary form. */
(() => {
  "use strict";
  const place = document.querySelector("[data-workspace]");
  const form = place?.querySelector("[data-mover]");
  if (!form) return;
  const live = place.querySelector("[data-live]");
  const undoing = place.querySelector("[data-undo]");
  const column = (number) => place.querySelector(`[data-group="${number ?? ""}"]`);
  const card = (woman) => place.querySelector(`[data-woman="${woman}"]`);
  const moved = [];
  let busy = false;

  const say = (text, kind = "") => {
    live.className = text ? `notice ${kind}` : "";
    live.textContent = text;
  };
  const offerReload = () => {
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.textContent = live.dataset.reload;
    live.append(" ", link);
  };

  // What the house answers to a move or an undo; nothing where it does not answer.
  const ask = async (address, told) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, version: form.elements.version.value, ...told });
    try {
      const answer = await fetch(address, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } });
      if (answer.ok || [403, 404, 409, 412, 422].includes(answer.status)) return { ok: answer.ok, ...await answer.json() };
      say(live.dataset.signedOut, "bad");
    } catch {
      say(live.dataset.away, "bad");
    }
    return null;
  };

  const settle = (told) => {
    place.querySelectorAll("[name=version]").forEach((field) => { field.value = told.version; });
    told.groups.forEach(({ number, women, type, small }) => {
      const there = column(number);
      if (!there) return;
      there.querySelector("[data-count]").textContent = women;
      there.querySelector("[data-type]").textContent = type;
      there.querySelector("[data-small]")?.toggleAttribute("hidden", !small);
    });
    column().querySelector("[data-count]").textContent = told.left_out;
    document.querySelector("[data-placed]").textContent = told.placed;
    document.querySelector("[data-left-out]").textContent = told.left_out;
    document.querySelectorAll("[data-kept]").forEach((there) => { there.textContent = told.kept; });
    undoing.hidden = !told.undo;
    undoing.querySelector("[data-last]").textContent = "";
  };

  const seat = (woman, to) => {
    const one = card(woman), there = column(to);
    if (!one) return;
    if (!there) return one.remove();
    one.querySelector("[data-why]")?.remove();
    if (to === "" || to === null) {
      const why = document.createElement("span");
      why.className = "small soft";
      why.dataset.why = "";
      why.textContent = live.dataset.byHand;
      one.append(why);
    }
    there.querySelector("ul").prepend(one);
    one.classList.add("moved");
    setTimeout(() => one.classList.remove("moved"), 2000);
  };

  const move = async (woman, to) => {
    if (busy || !woman) return;
    const from = card(woman)?.closest("[data-group]").dataset.group ?? "";
    if (from === String(to)) return;
    busy = true;
    place.setAttribute("aria-busy", "true");
    const told = await ask(form.action, { woman, to });
    busy = false;
    place.removeAttribute("aria-busy");
    if (!told) return;
    const name = card(woman)?.dataset.name ?? "";
    say(`${name}: ${told.said}`, told.ok ? "good" : "bad");
    if (!told.ok) return told.stale && offerReload();
    moved.push({ woman, from });
    seat(woman, to);
    settle(told);
    card(woman)?.querySelector("input")?.focus();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const woman = form.elements.woman?.value;
    if (woman) move(woman, form.elements.to.value);
    else form.querySelector("[name=woman]")?.focus();
  });
  undoing.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const told = await ask(undoing.action, {});
    if (!told) return;
    say(told.said, told.ok ? "good" : "bad");
    if (!told.ok) return told.stale && offerReload();
    const last = moved.pop();
    if (!last || !card(last.woman)) return location.reload();
    seat(last.woman, last.from);
    settle(told);
  });

  // Dragging, where there is a mouse.
  let dragged = null;
  const openOf = (target) => target.closest?.("[data-group][data-open]");
  form.querySelectorAll("[data-open] [data-woman]").forEach((one) => { one.draggable = true; });
  form.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-woman]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.name);
    form.classList.add("dragging");
  });
  form.addEventListener("dragover", (event) => {
    const there = dragged && openOf(event.target);
    form.querySelectorAll(".over").forEach((one) => one !== there && one.classList.remove("over"));
    if (!there) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    there.classList.add("over");
  });
  form.addEventListener("drop", (event) => {
    const there = dragged && openOf(event.target);
    if (!there) return;
    event.preventDefault();
    move(dragged.dataset.woman, there.dataset.group);
  });
  form.addEventListener("dragend", () => {
    dragged = null;
    form.classList.remove("dragging");
    form.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
  });
})();
