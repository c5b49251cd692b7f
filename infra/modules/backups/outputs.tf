output "vaults" {
  description = "Here and there."
  value       = { here = aws_backup_vault.here.arn, there = aws_backup_vault.there.arn }
}

output "kept" {
  description = "What the tests look at."
  value = {
    locked  = aws_backup_vault_lock_configuration.here.changeable_for_days != null
    copied  = [for rule in aws_backup_plan.this.rule : rule.rule_name if length(rule.copy_action) > 0]
    what    = aws_backup_selection.this.resources
    restore = aws_backup_restore_testing_selection.database.protected_resource_type
  }
}
