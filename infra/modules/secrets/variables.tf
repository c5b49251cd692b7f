variable "name" {
  description = "What secrets are called after."
  type        = string
}

variable "secrets" {
  description = "Each by its name, with what it is for."
  type        = map(string)

  validation {
    condition     = alltrue([for text in values(var.secrets) : length(text) > 0])
    error_message = "Say of each secret what it is for."
  }
}

variable "key_arn" {
  description = "The KMS key of secrets."
  type        = string
}

variable "replica_region" {
  description = "Where copies are, for a restore elsewhere; null: none."
  type        = string
  default     = null
}

variable "replica_key_arn" {
  description = "The KMS key of the copies."
  type        = string
  default     = null
}
