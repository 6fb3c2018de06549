-- Orders of a shop, per minute: one record per window, exactly once.
INSERT INTO analytics_results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)),
  CAST(window_end AS TIMESTAMP_LTZ(3)),
  COUNT(DISTINCT user_id),
  COUNT(*),
  SUM(total_amount),
  AVG(total_amount),
  CURRENT_TIMESTAMP
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(created_at), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;
