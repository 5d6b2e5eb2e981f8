// Shows of each component only the fields that its kind uses. Without this script all of them are there.
const show = (component) => {
  const kind = component.querySelector("select[name$='-kind']").value;
  for (const part of component.querySelectorAll("[data-kinds]")) {
    part.hidden = !part.dataset.kinds.split(" ").includes(kind);
  }
};

for (const component of document.querySelectorAll("[data-component]")) {
  component.addEventListener("change", () => show(component));
  show(component);
}
