/* Attendance from a phone: each mark is kept on the phone until the house has it, and sent once. Without this script the
   list is an ordinary form. No name is kept: only ids, and what was marked. */
(() => {
  "use strict";
  const place = document.querySelector("[data-attendance]");
  const form = document.getElementById("attendance");
  if (!place || !form || !form.querySelector("[name=women]")) return;
  const store = `csem-attendance:${place.dataset.account}`;
  const line = document.querySelector("[data-line]");
  const refusedList = document.querySelector("[data-refused]");
  const field = (name) => form.elements.namedItem(name);
  const read = () => JSON.parse(localStorage.getItem(store) || "[]");
  const write = (marks) => marks.length
    ? localStorage.setItem(store, JSON.stringify(marks))
    : localStorage.removeItem(store);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const say = (text) => { line.textContent = text; };
  const told = () => say(read().length
    ? line.dataset.kept.replace("#", read().length)
    : line.dataset.sent);

  const note = (card) => {
    const woman = card.dataset.woman;
    const status = field(`status-${woman}`).value;
    if (!status) return;
    const mark = {
      session: place.dataset.session,
      mark_id: newId(),
      woman,
      status,
      hours: status === "present" ? field(`hours-${woman}`).value.trim() : "",
      marked_ms: String(Date.now()),
      seen: card.dataset.seen,
      way: navigator.onLine ? "page" : "offline",
      reason: field("reason") ? field("reason").value.trim() : "",
    };
    card.dataset.seen = mark.mark_id;
    write([...read(), mark]);
    told();
    send();
  };

  const refuse = (mark, sentence) => {
    const card = form.querySelector(`[data-woman="${mark.woman}"]`);
    const item = document.createElement("li");
    item.className = "wrong";
    item.textContent = `${card ? card.dataset.name : mark.woman.slice(-6)}: ${sentence}`;
    refusedList.append(item);
    refusedList.hidden = false;
    if (card) card.dataset.seen = mark.seen;
  };

  // What became of a mark: it is done with ("taken"), or everything waits for another time.
  const deliver = async (mark) => {
    const body = new URLSearchParams(mark);
    body.set("csrf_token", field("csrf_token").value);
    body.delete("session");
    let answer;
    try {
      answer = await fetch(`/training/sessions/${mark.session}/marks`, { method: "POST", body, redirect: "manual" });
    } catch {
      say(line.dataset.away);
      return "wait";
    }
    if (answer.ok) return "taken";
    if ([404, 409, 422].includes(answer.status)) {
      refuse(mark, (await answer.json()).said);
      return "taken";
    }
    say([400, 401, 403].includes(answer.status) ? line.dataset.signedOut : line.dataset.away);
    return "wait";
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      while (read().length) {
        const mark = read()[0];
        if (await deliver(mark) === "wait") return;
        write(read().filter((other) => other.mark_id !== mark.mark_id));
        told();
      }
    } finally {
      sending = false;
    }
  };

  // What is still on the phone stands on the page as it was marked.
  read().filter((mark) => mark.session === place.dataset.session).forEach((mark) => {
    const card = form.querySelector(`[data-woman="${mark.woman}"]`);
    if (!card) return;
    field(`status-${mark.woman}`).value = mark.status;
    field(`hours-${mark.woman}`).value = mark.hours;
    card.dataset.seen = mark.mark_id;
  });
  form.addEventListener("change", (event) => {
    const card = event.target.closest("[data-woman]");
    if (card) note(card);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  form.querySelector(".actions")?.setAttribute("hidden", "");
  addEventListener("online", send);
  setInterval(send, 15000);
  if (read().length) { told(); send(); }
})();
