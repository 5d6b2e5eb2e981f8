from django.apps import AppConfig, apps


class WebConfig(AppConfig):
    name = "spm.web"
    label = "web"

    def ready(self) -> None:
        """Put the product's own site in the place of Django's admin, before any app registers tables there."""
        setattr(apps.get_app_config("admin"), "default_site", "spm.web.adminsite.PlatformSite")  # noqa: B010  set on Django's own class
