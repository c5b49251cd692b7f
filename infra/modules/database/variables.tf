variable "name" {
  description = "Of the instance; replicas are called after it."
  type        = string
}

variable "engine_version" {
  description = "Of PostgreSQL. The server is tested on 18."
  type        = string
  default     = "18"

  validation {
    condition     = startswith(var.engine_version, "18")
    error_message = "The server is tested on PostgreSQL 18."
  }
}

variable "snapshot" {
  description = "What it begins with; null: with nothing. Then `key_arn` is the snapshot's key."
  type        = string
  default     = null
}

variable "instance_class" {
  description = "Of the primary and its replicas."
  type        = string
  default     = "db.r8g.xlarge"
}

variable "storage_gib" {
  description = "At first, in GiB; it grows by itself to four times that."
  type        = number
  default     = 200

  validation {
    condition     = var.storage_gib >= 20
    error_message = "At least 20 GiB."
  }
}

variable "multi_az" {
  description = "A standby in another zone."
  type        = bool
  default     = true
}

variable "replicas" {
  description = "How many read replicas."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5
    error_message = "Up to five."
  }
}

variable "backup_days" {
  description = "How many days one can go back to any moment of."
  type        = number
  default     = 35

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "From 7 to 35 days."
  }
}

variable "deletion_protection" {
  description = "Refuse to be deleted."
  type        = bool
  default     = true
}

variable "insights" {
  description = "Database Insights: standard (7 days) or advanced (15 months)."
  type        = string
  default     = "advanced"

  validation {
    condition     = contains(["standard", "advanced"], var.insights)
    error_message = "standard or advanced."
  }
}

variable "subnet_ids" {
  description = "Of the data subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Who may reach it."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of what is stored."
  type        = string
}

variable "secret_key_arn" {
  description = "The KMS key of the owner's password."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long its logs are kept, in days."
  type        = number
  default     = 365
}
