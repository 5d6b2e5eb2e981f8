"""Who wrote a version; and a published version is never edited: the database refuses it, whoever asks."""

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION spm_plan_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'version % was published and is kept: end it and publish another', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state NOT IN ('published', 'retired') OR (OLD.state = 'retired' AND NEW.state <> 'retired')
        OR (NEW.plan_id, NEW.number, NEW.definition, NEW.digest, NEW.author_ids, NEW.published_at, NEW.published_by_id)
           IS DISTINCT FROM (OLD.plan_id, OLD.number, OLD.definition, OLD.digest, OLD.author_ids, OLD.published_at, OLD.published_by_id)
        OR lower(NEW.during) <> lower(OLD.during) OR upper(NEW.during) > upper(OLD.during) THEN
        RAISE EXCEPTION 'version % was published and is never edited: it may only end earlier', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON incentives_planversion FOR EACH ROW EXECUTE FUNCTION spm_plan_version_kept();
"""

BACKWARD = """
DROP TRIGGER kept ON incentives_planversion;
DROP FUNCTION spm_plan_version_kept();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incentives", "0004_run_credit_detail")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="planversion",
            name="author_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
