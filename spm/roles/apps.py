from django.apps import AppConfig


class RolesConfig(AppConfig):
    name = "spm.roles"
    label = "roles"

    def ready(self) -> None:
        """Hand the service that founds a company to the sign-up form, which stands below it."""
        from spm.identity.forms import CompanySignupForm
        from spm.roles.services.companies import company_create

        CompanySignupForm.found = staticmethod(company_create)
