variable "name" {
  description = "Of the vault."
  type        = string
}

variable "documents_arn" {
  description = "The bucket of documents, of which a restore is tried every month."
  type        = string
}

variable "database_arn" {
  description = "The database, of which a restore is tried every week."
  type        = string
}

variable "database_subnet_group" {
  description = "Where such a restore stands."
  type        = string
}

variable "lock" {
  description = "In compliance mode, for good. Without it administrators can undo the lock."
  type        = bool
  default     = true
}

variable "key_arn" {
  description = "The KMS key of backups."
  type        = string
}

variable "copy_region" {
  description = "Where the copies are."
  type        = string
}

variable "copy_key_arn" {
  description = "The KMS key of the copies."
  type        = string
}

variable "topic_arn" {
  description = "Who is told when one fails."
  type        = string
}
