variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "region" {
  description = "Where it is."
  type        = string
}

variable "repository_arns" {
  description = "Of the registry, by name."
  type        = map(string)
}

variable "secret_arns" {
  description = "That tasks are handed at their start."
  type        = list(string)
}

variable "key_arns" {
  description = "KMS keys of secrets and images."
  type        = list(string)
}
