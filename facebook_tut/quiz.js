/** The quiz: checks an answer on the page itself, and says why it is right or wrong. */

/** Whether `given` answers the question; numbers may differ by the tolerance, and by rounding. */
export function isRight({ answer, tolerance }, given) {
  return Math.abs(given - answer) <= tolerance + 1e-9 * Math.abs(answer);
}

/** What to tell the reader, as a verdict and HTML; `given` is NaN where nothing is answered. */
export function respond(question, given) {
  if (Number.isNaN(given)) return { verdict: "none", html: question.ask };
  if (isRight(question, given))
    return { verdict: "right", html: `<b>✓ Right.</b> ${question.explain}` };
  const hint = question.hints[given] ?? "Try again, or open the answer.";
  return { verdict: "wrong", html: `<b>✗ Not quite.</b> ${hint}` };
}

/** The reader's answer: the number of the option, or the number typed; NaN where there is none. */
function answerIn(form) {
  const option = form.querySelector(":checked");
  return option ? Number(option.value) : form.querySelector("input").valueAsNumber;
}

function show(form, { verdict, html }) {
  form.dataset.verdict = verdict;
  form.querySelector("[role=status]").innerHTML = html;
  const solution = form.querySelector("details"); // from a wrong answer until the right one
  solution.hidden = verdict === "right" || (solution.hidden && verdict !== "wrong");
}

export function hydrate(root, model) {
  root.querySelectorAll("form").forEach((form, i) => {
    form.querySelector("details").hidden = true;
    form.addEventListener("input", () => show(form, { verdict: "", html: "" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(form, respond(model.get("questions")[i], answerIn(form)));
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.localName !== "input") return;
      event.preventDefault(); // in JupyterLab the browser's own submission does not happen
      form.requestSubmit();
    });
  });
}
