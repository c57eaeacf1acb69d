// Steppers with buttons, and what the units chosen so far come to. The plan has the exact figures,
// and the page works without this script.
"use strict";

const lines = document.getElementById("refund-lines");
const soFar = document.getElementById("refund-so-far");

// Amounts in hundredths, so that they add up.
const hundredths = (text) => Math.round(Number(text || 0) * 100);
const written = (amount) =>
  (amount / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function costOf(line) {
  const { total, quantity, units, cost } = line.dataset;
  const chosen = [...line.querySelectorAll("input")].reduce((sum, one) => sum + Number(one.value), 0);
  const share = Math.round((hundredths(total) * (Number(units) + chosen)) / Number(quantity));
  return chosen ? Math.max(0, share - hundredths(cost)) : 0;
}

function tell() {
  const units = [...lines.children].reduce((sum, line) => sum + costOf(line), 0);
  const extra = ["shipping", "goodwill"].map((name) =>
    hundredths(document.getElementById(`id_${name}`).value),
  );
  const amount = units + extra[0] + extra[1];
  const left = hundredths(lines.dataset.left);
  const currency = soFar.dataset.currency;
  const most = `${currency} ${written(left)} may go back at most.`;
  const over = amount > left ? " That is too much." : "";
  soFar.textContent = `So far ${currency} ${written(amount)}. ${most}${over}`;
  soFar.classList.toggle("mdv-too-much", amount > left);
  soFar.hidden = false;
}

function stepButton(input, step, sign, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "mdv-step";
  button.textContent = sign;
  button.setAttribute("aria-label", name);
  button.addEventListener("click", () => {
    const wanted = Number(input.value) + step;
    input.value = Math.min(Math.max(wanted, 0), Number(input.max)) || "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

for (const input of lines.querySelectorAll("input")) {
  const box = document.createElement("span");
  box.className = "mdv-step-box";
  input.replaceWith(box);
  box.append(
    stepButton(input, -1, "\u2212", "One fewer"),
    input,
    stepButton(input, 1, "+", "One more"),
  );
}
// A plan is of what was filled in: once that changes, it is to be looked at again.
lines.closest("form").addEventListener("input", () => {
  document.querySelector("button[name=plan_hash]")?.remove();
  tell();
});
tell();
