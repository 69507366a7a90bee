// A page as it should not be, so that an audit has something to say: script before the first paint, work on the main
// thread, and a banner that pushes everything down.
const MODELS = ['Aire', 'Calder', 'Ouse', 'Beck', 'Wharfe', 'Nidd'];

function checksum(text, rounds) {
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index) + round) % 1000003;
  }
  return sum;
}

window.fillCatalogue = function (list, count) {
  for (let number = 0; number < count; number++) {
    const model = MODELS[number % MODELS.length];
    const row = document.createElement('p');
    row.textContent = `${model} ${47 + (number % 9) * 2} cm, frame ${checksum(model.repeat(40), 900)}, €${430 + number * 7}`;
    list.append(row);
  }
};

window.showBanner = function (banner) {
  banner.innerHTML = '<p style="padding: 120px 20px; background: #ffd">Ten per cent off all lights until Saturday!</p>';
};
