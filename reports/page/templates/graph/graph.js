// Walks through the steps of both passes: what a step has not reached is hidden, its node stands out.
"use strict";
{
  const $ = (id) => document.getElementById(id);
  const sentences = [...document.querySelectorAll("#steps li")];
  const late = [...document.querySelectorAll("svg .late")], nodes = [...document.querySelectorAll("svg .node")];

  const show = (step) => {
    $("step").value = step;
    late.forEach((text) => text.classList.toggle("not-yet", Number(text.dataset.step) > step));
    sentences.forEach((sentence, number) => sentence.classList.toggle("current", number + 1 === step));
    const current = step ? sentences[step - 1] : null;
    nodes.forEach((node) => node.classList.toggle("current", Boolean(current) && node.dataset.place === current.dataset.node));
    $("said").textContent = current ? current.textContent : "The variables have their values.";
    $("said").className = current ? current.className : "";
  };
  const by = (steps) => show(Math.min(Math.max(Number($("step").value) + steps, 0), sentences.length));

  document.querySelector(".controls").hidden = false;
  $("first").addEventListener("click", () => show(0));
  $("before").addEventListener("click", () => by(-1));
  $("after").addEventListener("click", () => by(1));
  $("all").addEventListener("click", () => show(sentences.length));
  $("step").addEventListener("input", () => show(Number($("step").value)));
  document.addEventListener("keydown", (event) => {
    if (event.target === $("step") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight") by(1);
    if (event.key === "ArrowLeft") by(-1);
  });
}
