// The browser's camera for a Colab notebook: asked for once, then read frame by frame.
async function aslStart(width, height) {
  if (window.aslStop) window.aslStop();
  window.aslLate = false;
  if (!navigator.mediaDevices) throw new Error('NotSupportedError: no camera for this page');
  const stream = await navigator.mediaDevices.getUserMedia({video: {width, height}});
  const video = document.createElement('video');
  window.aslStop = () => {
    stream.getTracks().forEach((track) => track.stop());
    video.remove();
    window.aslStop = null;
    window.aslFrame = () => '';
  };
  try {
    if (window.aslLate) throw new Error('AbortError: the answer came too late');
    video.muted = video.playsInline = true;
    video.style.display = 'none';
    document.body.appendChild(video);
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    window.aslStop();
    throw error;
  }
  const canvas = document.createElement('canvas');
  window.aslFrame = () => {
    if (!stream.active) return '';
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.8);
  };
  return 'ready';
}
