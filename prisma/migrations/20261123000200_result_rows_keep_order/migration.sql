-- A row is shown as its program wrote it. JSONB would put the columns of a result table in an order of its own.
ALTER TABLE "result_row" ALTER COLUMN "row" TYPE JSON USING "row"::json;
