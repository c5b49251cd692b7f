output "trail_arn" {
  description = "Of CloudTrail."
  value       = aws_cloudtrail.this.arn
}

output "kept" {
  description = "What the tests look at."
  value = {
    everywhere = aws_cloudtrail.this.is_multi_region_trail
    validated  = aws_cloudtrail.this.enable_log_file_validation
    lock       = aws_s3_bucket_object_lock_configuration.trail.rule[0].default_retention[0].mode
    alarms     = sort([for alarm in aws_cloudwatch_metric_alarm.told : alarm.alarm_name])
    guard      = aws_guardduty_detector.this.enable
  }
}
