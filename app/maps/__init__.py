"""Pictures of the ground under the phone's map, fetched from the provider the station chose."""
