variable "name" {
  description = "What repositories are called after."
  type        = string
}

variable "names" {
  description = "Of the repositories: ours, and the ones that others' images are mirrored into."
  type        = set(string)
  default     = ["server", "clamav", "collector"]
}

variable "key_arn" {
  description = "The KMS key of images."
  type        = string
}
