DROP TABLE partner_names;
DROP TABLE partners;
