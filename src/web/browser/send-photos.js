// Sends the photos that were chosen, one after the other, and shows the page again. The address is that of the form.
const form = document.getElementById('photos');
if (form) {
  const [input, button, said] = ['photo', 'send', 'said'].map((id) => document.getElementById(id));
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = form.dataset.sending;
    try {
      for (const file of input.files) {
        const { ok, status } = await fetch(form.dataset.to, {
          method: 'POST',
          headers: { 'content-type': file.type || 'image/jpeg' },
          body: file,
        });
        if (!ok) throw new Error(String(status));
      }
      location.reload();
    } catch {
      said.textContent = form.dataset.failed;
      button.disabled = false;
    }
  });
}
