// The app's buttons that copy and speak the text, in the browser itself. Each answers on itself.
function aslText(button) {
  return button.closest('.asl-explorer').querySelector('output').textContent.trim();
}

function aslAnswer(button, words) {
  button.textContent = words;
  setTimeout(() => { button.textContent = button.dataset.name; }, 2000);
}

function aslCopy(button) {
  const text = aslText(button);
  const byHand = () => {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.appendChild(area);
    area.select();
    aslAnswer(button, document.execCommand('copy') ? 'Copied' : 'Not allowed');
    area.remove();
    button.focus();
  };
  if (!text) aslAnswer(button, 'No text');
  else if (!navigator.clipboard) byHand();
  else navigator.clipboard.writeText(text).then(() => aslAnswer(button, 'Copied'), byHand);
}

function aslSpeak(button) {
  const text = aslText(button);
  if (!text) return aslAnswer(button, 'No text');
  if (!window.speechSynthesis) return aslAnswer(button, 'No voice here');
  const words = new SpeechSynthesisUtterance(text.toLowerCase());
  words.lang = 'en-US';
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}
