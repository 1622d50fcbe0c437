/**
 * The last layer, learned in the page: a sigmoid over features, with the gradient of chapter 7.
 *
 * A model is { weights, bias }: ŷ = σ(w · x + b). Its loss is the cross-entropy, averaged over the
 * examples, and its gradient ∂L/∂w = Σ (ŷ − y) x / N, ∂L/∂b = Σ (ŷ − y) / N.
 */

/** The probability of label 1 for one row of features. */
export function predicted({ weights, bias }, features) {
  let sum = bias;
  for (let k = 0; k < weights.length; k++) sum += weights[k] * features[k];
  return 1 / (1 + Math.exp(-sum));
}

/** What a prediction costs, as Keras clips it: −log ŷ, or −log(1 − ŷ) for label 0. */
export function surprise(y, label) {
  const held = Math.min(1 - 1e-7, Math.max(1e-7, y));
  return -Math.log(label ? held : 1 - held);
}

/** One step down the gradient: { model, loss, norm }, the loss before the step. */
export function learningStep(model, rows, labels, { rate = 0.1, decay = 0 } = {}) {
  const slope = { weights: Array.from(model.weights, (w) => decay * w), bias: 0 };
  let loss = 0;
  rows.forEach((row, i) => {
    const y = predicted(model, row);
    loss += surprise(y, labels[i]) / rows.length;
    const off = (y - labels[i]) / rows.length; // ŷ − y
    for (let k = 0; k < row.length; k++) slope.weights[k] += off * row[k];
    slope.bias += off;
  });
  const weights = Float64Array.from(model.weights, (w, k) => w - rate * slope.weights[k]);
  const norm = Math.hypot(...slope.weights, slope.bias);
  return { model: { weights, bias: model.bias - rate * slope.bias }, loss, norm };
}

/** Features with mean 0 and deviation 1 over the examples: { rows, apply }. */
export function fitted(rows) {
  const average = (f) => rows.reduce((sum, row) => sum + f(row), 0) / rows.length;
  const means = Array.from(rows[0], (_, k) => average((row) => row[k]));
  const spreads = means.map((mean, k) => Math.sqrt(average((row) => (row[k] - mean) ** 2)));
  const scaled = (v, k) => (v - means[k]) / Math.max(spreads[k], 1e-6);
  const apply = (row) => Float64Array.from(row, scaled);
  return { rows: rows.map(apply), apply };
}
