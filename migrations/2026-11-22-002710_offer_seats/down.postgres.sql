DROP POLICY seat_offers_wall ON seat_offers;
