DROP POLICY import_effects_wall ON import_effects;
