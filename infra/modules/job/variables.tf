variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "act" {
  description = "What it does, as the image has it: `migrate`, `verify-log`, `reseal` ..."
  type        = string
}

variable "command" {
  description = "The act with its arguments."
  type        = list(string)
}

variable "image" {
  description = "The image, with its tag or digest."
  type        = string
}

variable "region" {
  description = "Where it runs."
  type        = string
}

variable "architecture" {
  description = "Of the processor."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "ARM64 or X86_64."
  }
}

variable "cpu" {
  description = "In 1024ths of a core."
  type        = number
  default     = 512
}

variable "memory" {
  description = "In MiB."
  type        = number
  default     = 1024
}

variable "environment" {
  description = "Settings of docs/operations.md."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Settings that are secret: by name the ARN in Secrets Manager."
  type        = map(string)
  default     = {}
}

variable "statements" {
  description = "What its role may do, as statements of IAM."
  type        = list(any)
  default     = []
}

variable "execution_role_arn" {
  description = "By which ECS pulls the image and reads the secrets."
  type        = string
}

variable "boundary_arn" {
  description = "Beyond which no role goes."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long its log is kept, in days."
  type        = number
  default     = 365
}
