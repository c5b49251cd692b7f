output "vaults" {
  description = "Here and there."
  value       = { here = aws_backup_vault.here.arn, there = aws_backup_vault.there.arn }
}

output "kept" {
  description = "What the tests look at."
  value = {
    locked = aws_backup_vault_lock_configuration.here.changeable_for_days != null
    copied = [for rule in concat(tolist(aws_backup_plan.database.rule), tolist(aws_backup_plan.documents.rule)) : rule.rule_name if length(rule.copy_action) > 0]
    what   = concat(tolist(aws_backup_selection.database.resources), tolist(aws_backup_selection.documents.resources))
    restored = { for each in [aws_backup_restore_testing_selection.database, aws_backup_restore_testing_selection.documents] :
      each.protected_resource_type => one(each.protected_resource_arns)
    }
  }
}
